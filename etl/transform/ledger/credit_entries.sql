-- One row a dated event of a credit memo: issued, changed, archived, or applied to an invoice.
-- What is applied stays applied when the memo is archived; the rest is no longer owed.
create or replace table credit_entries as
with versions as (
    select
        *,
        step = 1 as is_first,
        coalesce(
            list_sum([coalesce(try_cast(part.amount as decimal(19, 4)), 0) for part in allocations]),
            0
        ) as used_amount
    from stg_credit_memo_versions
),

states as (
    select *, version * 2 as state, is_archived as is_closed from versions
    union all
    select *, 1 as state, false as is_closed from versions where is_first and is_archived
),

worth as (
    select
        *,
        case when is_closed then used_amount else amount end as worth_amount,
        case
            when is_closed then share_of(tax_amount, used_amount, amount, 2)
            else tax_amount
        end as worth_tax
    from states
),

issues as (
    select
        *,
        worth_amount - coalesce(lag(worth_amount) over history, 0) as delta,
        worth_tax - coalesce(lag(worth_tax) over history, 0) as tax_delta,
        lag(state) over history is null as is_new,
        coalesce(lag(is_closed) over history, false) as was_closed
    from worth
    window history as (partition by credit_memo_id order by state)
),

targets as (
    select distinct credit_memo_id, part.invoiceId as invoice_id
    from (select credit_memo_id, unnest(allocations) as part from versions)
    where part.invoiceId is not null
),

parts as (
    select
        credit_memo_id,
        version,
        part.invoiceId as invoice_id,
        sum(coalesce(try_cast(part.amount as decimal(19, 4)), 0)) as amount
    from (select credit_memo_id, version, unnest(allocations) as part from versions)
    group by all
),

uses as (
    select
        version.*,
        target.invoice_id,
        coalesce(part.amount, 0)
        - coalesce(
            lag(coalesce(part.amount, 0)) over (
                partition by version.credit_memo_id, target.invoice_id order by version.version
            ),
            0
        ) as delta
    from versions as version
    inner join targets as target using (credit_memo_id)
    left join parts as part
        on
            part.credit_memo_id = version.credit_memo_id
            and part.version = version.version
            and part.invoice_id = target.invoice_id
)

select
    tenant,
    case
        when is_new then 'credit_issued'
        when is_closed and not was_closed then 'credit_archived'
        when was_closed and not is_closed then 'credit_restored'
        else 'credit_adjusted'
    end as event,
    case when is_new then 0 else 4 end as event_order,
    case when is_new then credit_on else greatest(updated_on, credit_on) end as effective_on,
    observed_at,
    is_first,
    created_at,
    version,
    customer_id,
    null::varchar as invoice_id,
    null::varchar as payment_id,
    credit_memo_id,
    reference_number as document,
    abs(delta)::decimal(19, 4) as amount,
    0::decimal(19, 4) as gross,
    (-delta)::decimal(19, 4) as unapplied,
    (tax_delta - delta)::decimal(19, 4) as revenue,
    (-tax_delta)::decimal(19, 4) as tax,
    0::decimal(19, 4) as cash,
    null::boolean as archives
from issues
where delta <> 0
union all by name
select
    uses.tenant,
    case when uses.delta > 0 then 'credit_applied' else 'credit_unapplied' end as event,
    2 as event_order,
    -- A first version does not say when it was applied: no earlier than both documents.
    case
        when uses.is_first then greatest(uses.credit_on, coalesce(invoice.invoice_on, uses.credit_on))
        else greatest(uses.updated_on, uses.credit_on)
    end as effective_on,
    uses.observed_at,
    uses.is_first,
    uses.created_at,
    uses.version,
    uses.customer_id,
    uses.invoice_id,
    null::varchar as payment_id,
    uses.credit_memo_id,
    uses.reference_number as document,
    abs(uses.delta)::decimal(19, 4) as amount,
    (-uses.delta)::decimal(19, 4) as gross,
    uses.delta::decimal(19, 4) as unapplied,
    0::decimal(19, 4) as revenue,
    0::decimal(19, 4) as tax,
    0::decimal(19, 4) as cash,
    null::boolean as archives
from uses
left join stg_invoices as invoice on invoice.invoice_id = uses.invoice_id
where uses.delta <> 0
