-- One row a currency and rule of our own: the sum of all events against the balances they lead to,
-- and gross receivables of the newest day seen against the sum of their aging buckets.
with facts as (
    select timezone(any_value(time_zone), (select max(observed_at) from raw_records))::date as day
    from tenant_facts
),

invoice_sums as (
    select
        entry.invoice_id,
        any_value(entry.currency) as currency,
        sum(entry.receivable) as moved,
        arg_max(entry.open_after, entry.event_id) as open_amount,
        sum(entry.receivable) filter (entry.effective_on <= facts.day) as moved_by_day,
        arg_max(entry.open_after, entry.event_id) filter (entry.effective_on <= facts.day)
            as open_by_day
    from ledger as entry
    cross join facts
    where entry.invoice_id is not null
    group by entry.invoice_id
),

aged as (
    select
        sums.currency,
        sums.open_by_day as amount,
        date_diff('day', invoice.due_on, facts.day) as days
    from invoice_sums as sums
    cross join facts
    inner join stg_invoices as invoice using (invoice_id)
    where sums.open_by_day > 0
),

buckets as (
    select
        currency,
        sum(amount) filter (days <= 0) as not_due,
        sum(amount) filter (days between 1 and 30) as to_30,
        sum(amount) filter (days between 31 and 60) as to_60,
        sum(amount) filter (days between 61 and 90) as to_90,
        sum(amount) filter (days >= 91) as older
    from aged
    group by currency
)

select
    'events against balances' as what,
    currency,
    sum(open_amount)::decimal(38, 4) as bills,
    sum(moved)::decimal(38, 4) as ours
from invoice_sums
group by currency
union all
select
    'gross against its buckets' as what,
    sums.currency,
    coalesce(sum(sums.moved_by_day) filter (sums.moved_by_day > 0), 0)::decimal(38, 4) as bills,
    any_value(
        coalesce(not_due, 0) + coalesce(to_30, 0) + coalesce(to_60, 0) + coalesce(to_90, 0)
        + coalesce(older, 0)
    )::decimal(38, 4) as ours
from invoice_sums as sums
semi join stg_invoices using (invoice_id)
left join buckets using (currency)
group by sums.currency
order by what, currency
