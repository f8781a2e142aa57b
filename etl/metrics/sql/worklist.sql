-- One row a thing to do at the end of the day as_of: an open invoice whose newest attempt failed, one
-- 91 days and more past due, or money of a customer's that no invoice holds. An invoice is listed
-- once. Failures of the last seven days come first, the newest before others; then the kinds in
-- turn, of each the largest amount of every currency in turn.
-- detail: how often it failed, or the oldest open invoice that the money could pay.
-- each: how many of every kind and currency, null for all. kind_count, kind_amount: of how many, and
-- what they come to; total: how many of all.
with open_items as (
    select
        *,
        date_diff('day', due_on, $as_of::date) as days_past_due
    from balances_on($as_of::date)
    where $currency::varchar is null or currency = $currency
),

failures as (
    select
        part.invoice_id,
        max(attempt.failed_on) as failed_on,
        count(attempt.failed_on) as failed
    from main.attempt_invoices as part
    inner join main.attempts_on($as_of::date) as attempt using (payment_id)
    semi join open_items using (invoice_id)
    where attempt.outcome <> 'canceled'
    group by part.invoice_id
    having
        arg_max(attempt.outcome, (attempt.attempted_on, attempt.created_at, attempt.payment_id))
        = 'failed'
),

invoice_work as (
    select
        case when failure.invoice_id is null then 'overdue' else 'failure' end as kind,
        item.customer_id,
        item.invoice_id,
        invoice.invoice_number as document,
        item.currency,
        item.open_amount as amount,
        coalesce(date_diff('day', failure.failed_on, $as_of::date), item.days_past_due) as days,
        failure.failed::varchar as detail
    from open_items as item
    left join failures as failure using (invoice_id)
    inner join main.invoices as invoice using (invoice_id)
    where failure.invoice_id is not null or item.days_past_due >= 91
),

documents as (
    select payment_id, credit_memo_id, any_value(document) as document, min(effective_on) as since_on
    from main.ledger
    where unapplied <> 0 and effective_on <= $as_of::date
    group by payment_id, credit_memo_id
),

oldest as (
    select item.customer_id, item.currency, arg_min(invoice.invoice_number, (item.due_on, item.invoice_id)) as invoice_number
    from open_items as item
    inner join main.invoices as invoice using (invoice_id)
    group by item.customer_id, item.currency
),

money as (
    select
        'unapplied' as kind,
        held.customer_id,
        null as invoice_id,
        document.document,
        held.currency,
        -held.unapplied as amount,
        date_diff('day', document.since_on, $as_of::date) as days,
        oldest.invoice_number as detail
    from unapplied_on($as_of::date) as held
    inner join documents as document
        on
            document.payment_id is not distinct from held.payment_id
            and document.credit_memo_id is not distinct from held.credit_memo_id
    left join oldest
        on oldest.customer_id = held.customer_id and oldest.currency = held.currency
    where held.unapplied < 0 and ($currency::varchar is null or held.currency = $currency)
),

work as (
    from invoice_work
    union all by name
    from money
),

placed as (
    select
        *,
        kind = 'failure' and days < 7 as is_fresh,
        row_number() over (
            partition by kind, currency, kind = 'failure' and days < 7
            order by amount desc, days desc, document, invoice_id
        ) as place,
        count(*) over of_kind as kind_count,
        sum(amount) over of_kind as kind_amount
    from work
    window of_kind as (partition by kind, currency)
)

select
    placed.kind,
    placed.customer_id,
    coalesce(customer.name, placed.customer_id, '') as customer,
    placed.invoice_id,
    placed.document,
    placed.currency,
    placed.amount,
    placed.days,
    placed.detail,
    placed.kind_count,
    placed.kind_amount,
    count(*) over () as total
from placed
left join main.customers as customer using (customer_id)
where
    ($state::varchar is null or placed.kind = $state)
    and ($customer::varchar is null or placed.customer_id = $customer)
qualify
    $each::bigint is null
    or row_number() over (partition by placed.kind, placed.currency order by placed.place) <= $each
order by
    placed.is_fresh desc,
    case when placed.is_fresh then placed.days end,
    placed.place,
    list_position(['failure', 'overdue', 'unapplied'], placed.kind),
    placed.currency,
    placed.document,
    placed.invoice_id
limit $limit::bigint
