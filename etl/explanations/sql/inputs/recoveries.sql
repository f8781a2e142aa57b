-- One row a window of days and invoice that first failed at least so long ago: recovered where it
-- was paid in full within the window, and by how.
insert into inputs by name
with failures as (
    select *, unnest([7, 14, 30, 60]) as within_days
    from first_failures_on($as_of::date)
    where
        ($first_on::date is null or failed_on >= $first_on::date)
        and ($to_on::date is null or failed_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
)

select
    case
        when recovered_on <= failed_on + within_days then 'recovered, ' || method
        else 'not recovered within the days'
    end as what,
    failed_on as happened_on,
    currency,
    within_days::varchar as part,
    invoice_id,
    payment_id,
    ['invoices']
    || case
        when recovered_on <= failed_on + within_days
            then [
                'recovered',
                case method when 'same' then 'same_method' when 'other' then 'other_method' else 'manual' end
            ]
        else []
    end as columns,
    part_amount as amount,
    recovered_on - failed_on as days
from failures
where failed_on + within_days <= $as_of::date
