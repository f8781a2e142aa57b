-- One row a currency: totals of invoices due from from_on on, whose days of grace are over at the
-- end of as_of, and of these the invoices that were settled in full by then.
-- Whether one was settled is asked of its own currency, where no rate moves between two days.
with totals as (
    select invoice_id, currency, sum(revenue + tax) as total
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
),

owed as (
    select invoice_id, sum(revenue + tax) as amount
    from main.ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id
),

due as (
    select totals.*, invoice.due_on + $grace_days::integer as limit_on
    from totals
    inner join invoices as invoice using (invoice_id)
    where
        totals.total > 0
        and invoice.due_on >= $from_on::date
        and invoice.due_on + $grace_days::integer <= $as_of::date
),

settled as (
    select part.invoice_id, sum(part.amount) as amount
    from main.settlements as part
    inner join due using (invoice_id)
    where part.paid_on <= due.limit_on and part.reversed_on > $as_of::date
    group by part.invoice_id
)

select
    due.currency,
    sum(due.total),
    sum(case when settled.amount >= owed.amount then due.total else 0 end),
    count(*)
from due
inner join owed using (invoice_id)
left join settled using (invoice_id)
where $currency::varchar is null or due.currency = $currency
group by due.currency
order by due.currency
