-- One row a currency and calendar month up to as_of with credit sales (tax included, less voids
-- and credit memos) or with invoices of that month still open at the end of as_of.
with amounts as (
    select
        currency,
        date_trunc('month', effective_on)::date as month_on,
        revenue + tax as sales,
        0 as open_amount,
        0 as open_days
    from ledger
    where effective_on <= $as_of::date and revenue + tax <> 0
    union all
    select
        balance.currency,
        date_trunc('month', invoice.invoice_on)::date as month_on,
        0 as sales,
        balance.open_amount,
        balance.open_amount * date_diff('day', invoice.invoice_on, $as_of::date) as open_days
    from balances_on($as_of::date) as balance
    inner join invoices as invoice using (invoice_id)
)

select currency, month_on, sum(sales), sum(open_amount), sum(open_days)
from amounts
where $currency::varchar is null or currency = $currency
group by currency, month_on
order by currency, month_on
