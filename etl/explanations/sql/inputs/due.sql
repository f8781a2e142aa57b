-- One row an invoice that fell due in the period and whose days of grace are over, with its total;
-- on time where it was settled in full by then.
insert into inputs by name
with totals as (
    select invoice_id, currency, sum(revenue + tax) as total
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
    having sum(revenue + tax) > 0
),

due as (
    select
        totals.*,
        invoice.customer_id,
        invoice.due_on,
        invoice.due_on + $grace_days::integer as limit_on
    from totals
    inner join invoices as invoice using (invoice_id)
    where invoice.due_on >= $first_on::date and limit_on <= $as_of::date
),

settled as (
    select part.invoice_id, sum(part.amount) as amount
    from settlements as part
    inner join due using (invoice_id)
    where part.paid_on <= due.limit_on and part.reversed_on > $as_of::date
    group by part.invoice_id
)

select
    case when settled.amount >= due.total then 'settled in time' else 'not settled in time' end as what,
    due.due_on as happened_on,
    due.currency,
    due.customer_id,
    due.invoice_id,
    case when settled.amount >= due.total then ['due', 'invoices', 'on_time'] else ['due', 'invoices'] end
        as columns,
    due.total::decimal(19, 4) as amount
from due
left join settled using (invoice_id)
where $currency::varchar is null or due.currency = $currency
