-- One row a window of days and first failure that is too young for it.
insert into exclusions by name
with failures as (
    select *, unnest([7, 14, 30, 60]) as within_days
    from first_failures_on($as_of::date)
    where
        ($first_on::date is null or failed_on >= $first_on::date)
        and ($to_on::date is null or failed_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
)

select
    'not yet ' || within_days::varchar || ' days old' as reason,
    failed_on as happened_on,
    currency,
    within_days::varchar as part,
    invoice_id,
    payment_id,
    part_amount as amount
from failures
where failed_on + within_days > $as_of::date
