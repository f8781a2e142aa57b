-- One row a dated event: what it did to receivables, to unapplied money, and to revenue.
-- receivable: the change of the invoice's open amount, 0 while it is archived or not yet issued.
-- unapplied: the change of the customer's unapplied money, which is negative.
-- revenue: the change of invoiced revenue; collected: of cash collected; both without tax.
-- What is collected without tax goes by the total and tax an invoice has that day, before its own
-- date by the first it had: a later edit moves a share of the cash on its own day.
-- tax: the change of sales tax invoiced; cash: of cash applied to invoices, tax included.
-- held: the change of what was settled of an invoice that owes nothing: more than its total, or any
-- of it while it is archived or not yet issued.
create or replace table ledger as
with entries as (
    from invoice_entries
    union all by name
    from payment_entries
    union all by name
    from credit_entries
),

placed as (
    select
        entry.* exclude (document),
        coalesce(customer.currency, tenant_facts.currency) as currency,
        coalesce(unit.exponent, 2) as exponent,
        case
            when entry.payment_id is not null and invoice.invoice_id is not null
                then invoice.invoice_number
            else entry.document
        end as document,
        invoice.invoice_id is not null as is_in_book,
        case
            when entry.payment_id is not null then entry.cash
            when entry.event = 'credit_applied' then entry.amount
            when entry.event = 'credit_unapplied' then -entry.amount
            else 0
        end as settled,
        case
            when not entry.is_first or entry.created_at >= tenant_facts.watching_since
                then 'observed'
            else 'reconstructed'
        end as basis,
        row_number() over (
            order by
                entry.effective_on,
                entry.event_order,
                entry.observed_at,
                coalesce(entry.invoice_id, entry.payment_id, entry.credit_memo_id),
                entry.payment_id,
                entry.credit_memo_id,
                entry.version,
                entry.event
        ) as event_id
    from entries as entry
    cross join tenant_facts
    left join stg_customers as customer on customer.customer_id = entry.customer_id
    left join currencies as unit
        on unit.currency = coalesce(customer.currency, tenant_facts.currency)
    left join stg_invoices as invoice on invoice.invoice_id = entry.invoice_id
),

histories as (
    select
        *,
        not coalesce(bool_or(event = 'invoice_issued') over so_far, false)
        or coalesce(last_value(archives ignore nulls) over so_far, false) as is_dormant,
        sum(gross) over so_far as gross_after,
        sum(settled) over so_far as settled_after,
        sum(revenue + tax) over so_far as total_after,
        sum(cash) over so_far as cash_sum_after,
        coalesce(sum(gross) filter (event = 'invoice_issued') over whole, 0)
        + coalesce(sum(gross) filter (event = 'invoice_adjusted') over so_far, 0)
            as invoice_total,
        coalesce(sum(tax) filter (event = 'invoice_issued') over whole, 0)
        + coalesce(sum(tax_shift) over so_far, 0) as invoice_tax
    from placed
    window
        so_far as (
            partition by invoice_id order by event_id
            rows between unbounded preceding and current row
        ),
        whole as (partition by invoice_id)
),

running as (
    select
        *,
        case when invoice_id is null or is_dormant then 0 else gross_after end::decimal(19, 4)
            as open_after,
        case when invoice_id is null then 0 else cash_sum_after end::decimal(19, 4) as cash_after,
        case
            when invoice_id is null or not is_in_book then 0
            when is_dormant then settled_after
            else greatest(settled_after - total_after, 0)
        end::decimal(19, 4) as held_after
    from histories
),

collected as (
    select
        *,
        case
            when cash_after = 0 then 0
            else
                share_of(
                    cash_after,
                    (invoice_total - invoice_tax)::decimal(19, 4),
                    invoice_total::decimal(19, 4),
                    exponent
                )
        end::decimal(19, 4) as collected_after
    from running
)

select
    tenant,
    event_id,
    event,
    effective_on,
    observed_at,
    basis,
    customer_id,
    currency,
    invoice_id,
    payment_id,
    credit_memo_id,
    document,
    amount,
    case
        when invoice_id is null then 0
        else open_after - coalesce(
            lag(open_after) over (partition by invoice_id order by event_id), 0
        )
    end::decimal(19, 4) as receivable,
    unapplied,
    revenue,
    tax,
    cash,
    case
        when invoice_id is null then 0
        else collected_after - coalesce(
            lag(collected_after) over (partition by invoice_id order by event_id), 0
        )
    end::decimal(19, 4) as collected,
    case
        when invoice_id is null then 0
        else held_after - coalesce(
            lag(held_after) over (partition by invoice_id order by event_id), 0
        )
    end::decimal(19, 4) as held,
    open_after
from collected
order by event_id
