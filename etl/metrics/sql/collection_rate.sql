-- One row a month of invoice dates and currency: what was billed, tax included and less voids, and
-- the cash these invoices had within 30, 60 and 90 days of their own dates, by what is known at as_of.
with totals as (
    select invoice_id, currency, sum(revenue + tax) as total
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
),

amounts as (
    select
        totals.currency,
        invoice.invoice_on,
        totals.total as billed,
        0 as cash,
        0 as days
    from totals
    inner join invoices as invoice using (invoice_id)
    where totals.total > 0
    union all
    select
        totals.currency,
        invoice.invoice_on,
        0 as billed,
        part.amount as cash,
        date_diff('day', invoice.invoice_on, part.paid_on) as days
    from settlements as part
    inner join totals using (invoice_id)
    inner join invoices as invoice using (invoice_id)
    where
        totals.total > 0
        and part.payment_id is not null
        and part.paid_on <= $as_of::date
        and part.reversed_on > $as_of::date
)

select
    date_trunc('month', invoice_on)::date as month_on,
    currency,
    sum(billed),
    sum(case when days <= 30 then cash else 0 end),
    sum(case when days <= 60 then cash else 0 end),
    sum(case when days <= 90 then cash else 0 end)
from amounts
where
    invoice_on <= $as_of::date
    and ($from_on::date is null or invoice_on >= $from_on::date)
    and ($to_on::date is null or invoice_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
group by month_on, currency
order by month_on, currency
