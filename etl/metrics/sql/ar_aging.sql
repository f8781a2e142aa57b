-- One row a currency and bucket that holds anything at the end of the day as_of: bucket 0 is not
-- yet due (or, by invoice date, not yet a day old), each further one ends at an edge, the last is
-- open. Bucket -1 is money not applied to an invoice, negative.
with open_items as (
    select
        balance.currency,
        balance.open_amount,
        date_diff(
            'day',
            case when $basis = 'invoice' then invoice.invoice_on else balance.due_on end,
            $as_of::date
        ) as days
    from balances_on($as_of::date) as balance
    inner join invoices as invoice using (invoice_id)
    where $customer::varchar is null or balance.customer_id = $customer
),

amounts as (
    select
        currency,
        case when days <= 0 then 0 else 1 + len(list_filter($edges::integer[], lambda e: e < days)) end
            as bucket,
        open_amount as amount
    from open_items
    union all
    select currency, -1 as bucket, unapplied as amount
    from unapplied_on($as_of::date)
    where $customer::varchar is null or customer_id = $customer
)

select currency, bucket, sum(amount) as amount
from amounts
where $currency::varchar is null or currency = $currency
group by currency, bucket
having sum(amount) <> 0
order by currency, bucket
