-- One row a payment or credit memo with money that no invoice holds at the end of the day as_of,
-- the largest of every currency in turn. total: of how many.
with documents as (
    select
        payment_id,
        credit_memo_id,
        any_value(document) as document,
        min(effective_on) as since_on
    from main.ledger
    where unapplied <> 0 and effective_on <= $as_of::date
    group by payment_id, credit_memo_id
)

select
    document.since_on,
    case when held.payment_id is null then 'Credit memo' else 'Payment' end as kind,
    document.document,
    held.customer_id,
    coalesce(customer.name, held.customer_id, '') as customer,
    held.currency,
    -held.unapplied as amount,
    date_diff('day', document.since_on, $as_of::date) as days,
    count(*) over () as total
from unapplied_on($as_of::date) as held
inner join documents as document
    on
        document.payment_id is not distinct from held.payment_id
        and document.credit_memo_id is not distinct from held.credit_memo_id
left join main.customers as customer using (customer_id)
where
    ($currency::varchar is null or held.currency = $currency)
    and ($customer::varchar is null or held.customer_id = $customer)
order by
    row_number() over (
        partition by held.currency
        order by held.unapplied, document.since_on, document.document
    ),
    held.currency
limit $limit::bigint
