-- One row a month of invoice dates and currency: what was invoiced, tax included and less voids,
-- what of it was open at the end of the 90th day past due, and when the last of it got that old.
with totals as (
    select invoice_id, currency, sum(revenue + tax) as total
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
)

select
    date_trunc('month', invoice.invoice_on)::date as month_on,
    totals.currency,
    sum(totals.total),
    sum(case when balance.open_amount > 0 then balance.open_amount else 0 end),
    max(invoice.due_on) + 90
from totals
inner join invoices as invoice using (invoice_id)
left join invoice_balances as balance
    on
        balance.invoice_id = totals.invoice_id
        and balance.from_on <= invoice.due_on + 90
        and balance.to_on > invoice.due_on + 90
where
    totals.total > 0
    and invoice.invoice_on <= $as_of::date
    and ($from_on::date is null or invoice.invoice_on >= $from_on::date)
    and ($to_on::date is null or invoice.invoice_on <= $to_on::date)
    and ($currency::varchar is null or totals.currency = $currency)
group by month_on, totals.currency
order by month_on, totals.currency
