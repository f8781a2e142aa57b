-- One row a receivable payment behind $after, by id: BILL's status in small letters, or failed where
-- an online payment came to nothing by the end of the day as_of.
with page as materialized (
    select *
    from payments
    where payment_id > $after
    order by payment_id
    limit $limit::bigint
),

failures as (
    select payment_id, from_on as failed_on
    from attempt_states
    semi join page using (payment_id)
    where state = 'failed' and from_on <= $as_of::date and to_on > $as_of::date
)

select
    page.payment_id,
    page.customer_id,
    page.currency,
    page.amount,
    case when failure.payment_id is null then lower(page.status) else 'failed' end as status,
    case when page.status = 'PAID' then page.payment_on end as paid_on,
    failure.failed_on
from page
left join failures as failure using (payment_id)
order by page.payment_id
