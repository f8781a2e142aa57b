-- One row a recurring invoice that is not running at the end of the day as_of, and why.
insert into exclusions by name
with newest as (
    select *
    from recurring_stretches
    qualify row_number() over (partition by recurring_invoice_id order by from_on desc) = 1
)

select
    case when from_on > $as_of::date then 'begins later' else 'ended or archived by then' end as reason,
    case when from_on > $as_of::date then from_on else to_on end as happened_on,
    coalesce(nullif(description, ''), recurring_invoice_id) as document,
    currency,
    customer_id,
    amount
from newest
where
    (from_on > $as_of::date or to_on <= $as_of::date)
    and ($currency::varchar is null or currency = $currency)
