-- One row an invoice that an attempt failed at, with what was to be paid, and one with the cash
-- that came since.
insert into inputs by name
with failures as (
    from first_failures_on($as_of::date)
    where
        ($first_on::date is null or failed_on >= $first_on::date)
        and ($to_on::date is null or failed_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
)

select
    'first failed' as what,
    failed_on as happened_on,
    currency,
    invoice_id,
    payment_id,
    case
        when recovered_on is null then ['invoices', 'failed_amount', 'waiting']
        else ['invoices', 'failed_amount', 'recovered']
    end as columns,
    part_amount as amount,
    recovered_on - failed_on as days
from failures
union all by name
select
    'came since' as what,
    coalesce(recovered_on, failed_on) as happened_on,
    currency,
    invoice_id,
    null as payment_id,
    ['net_recovered'] as columns,
    net_recovered as amount,
    recovered_on - failed_on as days
from failures
where net_recovered <> 0
