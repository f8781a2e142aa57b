-- One row an invoice, settled attempt at it and part it counts in; an invoice is counted once a
-- part, and once a month of it where months are asked for.
insert into inputs by name
with tries as (
    select *, strftime(attempted_on, '%Y-%m') as month
    from tries_on($as_of::date)
    where
        outcome in ('paid', 'failed')
        and attempted_on <= $as_of::date
        and ($first_on::date is null or attempted_on >= $first_on::date)
        and ($to_on::date is null or attempted_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
),

parts as (
    select *, unnest([rail, 'all']) as part, case when $by_month then month else '' end as span
    from tries
),

counted as (
    select
        *,
        row_number() over (partition by invoice_id, currency, part, span order by place) as nth,
        row_number() over (
            partition by invoice_id, currency, part, span, outcome order by place
        ) as nth_outcome
    from parts
)

select
    'try ' || place::varchar || ' at the invoice by ' || rail || ', ' || outcome as what,
    attempted_on as happened_on,
    currency,
    month,
    part,
    customer_id,
    invoice_id,
    payment_id,
    (case when nth = 1 then ['invoices'] else [] end)
    || (case when nth_outcome = 1 and outcome = 'failed' then ['failed_invoices'] else [] end)
    || (case when place = 1 then ['first_attempts'] else [] end)
    || (case when place = 1 and outcome = 'failed' then ['failed_first_attempts'] else [] end)
        as columns,
    part_amount as amount
from counted
where len(columns) > 0
