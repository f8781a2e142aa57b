-- One row a customer and currency with an open amount at the end of the day as_of, the most
-- overdue of every currency in turn. buckets: as in ar_aging, those that hold anything with their amounts; oldest_days: past due
-- of the oldest invoice. total: of how many.
with open_items as (
    select
        balance.customer_id,
        balance.currency,
        balance.open_amount,
        date_diff('day', balance.due_on, $as_of::date) as days_past_due,
        date_diff(
            'day',
            case when $basis = 'invoice' then invoice.invoice_on else balance.due_on end,
            $as_of::date
        ) as days
    from balances_on($as_of::date) as balance
    inner join invoices as invoice using (invoice_id)
    where
        ($currency::varchar is null or balance.currency = $currency)
        and ($customer::varchar is null or balance.customer_id = $customer)
),

buckets as (
    select
        customer_id,
        currency,
        case when days <= 0 then 0 else 1 + len(list_filter($edges::integer[], lambda e: e < days)) end
            as bucket,
        sum(open_amount) as amount,
        sum(case when days_past_due > 0 then open_amount else 0 end) as overdue,
        max(days_past_due) as oldest_days
    from open_items
    group by all
)

select
    bucket.customer_id,
    coalesce(any_value(customer.name), bucket.customer_id, '') as customer,
    bucket.currency,
    list((bucket.bucket, bucket.amount)) as buckets,
    sum(bucket.amount) as gross,
    sum(bucket.overdue) as overdue,
    max(bucket.oldest_days) as oldest_days,
    count(*) over () as total
from buckets as bucket
left join customers as customer using (customer_id)
group by bucket.customer_id, bucket.currency
order by
    row_number() over (
        partition by bucket.currency
        order by sum(bucket.overdue) desc, sum(bucket.amount) desc, bucket.customer_id
    ),
    bucket.currency
limit $limit::bigint
