-- Questions that a figure and its explanation both ask, made where their tables are.
use snapshot;

-- bridge_flows_on(day): one row an event up to the end of a day with what it did to revenue, tax,
-- cash and money on account, and one an event that changed what is held.
create macro bridge_flows_on(day) as table (
    with events as (
        select
            *,
            -- Money of an invoice that is not in the book is nobody's tax.
            case
                when invoice_id in (select invoice_id from invoices) then collected
                else cash
            end as revenue_cash,
            date_trunc('month', effective_on)::date as month_on,
            case
                when payment_id is not null then cash
                when event = 'credit_applied' then amount
                when event = 'credit_unapplied' then -amount
                else 0
            end as settled
        from ledger
        where effective_on <= day
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
        semi join invoices using (invoice_id)
        window so_far as (
            partition by invoice_id order by event_id
            rows between unbounded preceding and current row
        )
    ),

    -- Money of invoices that are archived or dated later, and what is beyond an invoice's total, is
    -- in the cash but meets no receivable.
    holdings as (
        select
            event_id,
            currency,
            month_on,
            held_after
            - coalesce(lag(held_after) over (partition by invoice_id order by event_id), 0) as held
        from (
            select
                *,
                case
                    when is_dormant then settled_after
                    else greatest(settled_after - total_after, 0)
                end as held_after
            from histories
        )
    )

    select
        event_id,
        currency,
        month_on,
        case when invoice_id is not null then revenue else 0 end as invoiced,
        tax,
        case when invoice_id is null then revenue else 0 end as credits,
        -revenue_cash as collected,
        revenue_cash - cash as tax_collected,
        case when payment_id is not null then unapplied else 0 end as on_account,
        0 as held
    from events
    union all
    select
        event_id,
        currency,
        month_on,
        0 as invoiced,
        0 as tax,
        0 as credits,
        0 as collected,
        0 as tax_collected,
        0 as on_account,
        held
    from holdings
    where held <> 0
);

use work;
