-- One row an event that changed what an invoice holds of customers' money beyond what is owed: money
-- of invoices that are archived or dated later, and what is above an invoice's total, is in the
-- cash but meets no receivable.
create table snapshot.holdings as
with events as (
    select
        event.*,
        case
            when payment_id is not null then cash
            when event = 'credit_applied' then amount
            when event = 'credit_unapplied' then -amount
            else 0
        end as settled
    from ledger as event
    semi join stg_invoices as invoice using (invoice_id)
),

histories as (
    select
        *,
        case
            when not bool_or(event = 'invoice_issued') over so_far then true
            else coalesce(
                last_value(
                    case event when 'invoice_archived' then true when 'invoice_restored' then false end
                    ignore nulls
                ) over so_far,
                false
            )
        end as is_dormant,
        sum(settled) over so_far as settled_after,
        sum(revenue + tax) over so_far as total_after
    from events
    window so_far as (
        partition by invoice_id order by event_id
        rows between unbounded preceding and current row
    )
),

levels as (
    select
        *,
        case when is_dormant then settled_after else greatest(settled_after - total_after, 0) end
            as held_after
    from histories
),

changes as (
    select
        tenant,
        event_id,
        effective_on,
        customer_id,
        currency,
        invoice_id,
        (
            held_after
            - coalesce(lag(held_after) over (partition by invoice_id order by event_id), 0)
        )::decimal(19, 4) as held
    from levels
)

from changes
where held <> 0
order by event_id
