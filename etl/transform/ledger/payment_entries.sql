-- One row a dated event of a receivable payment: money applied to an invoice, held on account,
-- taken back, moved, scheduled or failed.
create or replace table payment_entries as
with versions as (
    select
        *,
        step = 1 as is_first,
        status in ('PAID', 'ESCHEATED') as counts,
        coalesce(reference_number, payment_id) as document
    from stg_payment_versions
),

-- A payment first seen VOID was paid on its date and reversed on its last change, as BILL keeps
-- no more of it; one void before its date never counted.
states as (
    select *, version * 2 as state, counts as is_counted from versions
    union all
    select *, 1 as state, true as is_counted
    from versions
    where is_first and status = 'VOID' and updated_on >= payment_on
),

targets as (
    select distinct payment_id, part.invoiceId as invoice_id
    from (select payment_id, unnest(allocations) as part from versions)
    where part.invoiceId is not null
    union all
    select distinct payment_id, null as invoice_id
    from versions
),

parts as (
    select
        payment_id,
        version,
        part.invoiceId as invoice_id,
        sum(coalesce(try_cast(part.amount as decimal(19, 4)), 0)) as amount
    from (select payment_id, version, unnest(allocations) as part from versions)
    group by all
),

held as (
    select
        state.*,
        target.invoice_id,
        case
            when not state.is_counted then 0
            when target.invoice_id is null then state.unapplied_amount
            else coalesce(part.amount, 0)
        end as held_amount
    from states as state
    inner join targets as target using (payment_id)
    left join parts as part
        on
            part.payment_id = state.payment_id
            and part.version = state.version
            and part.invoice_id = target.invoice_id
),

moves as (
    select
        *,
        held_amount - coalesce(lag(held_amount) over history, 0) as delta,
        coalesce(
            bool_or(is_counted) over (
                partition by payment_id, invoice_id order by state
                rows between unbounded preceding and 1 preceding
            ),
            false
        ) as ever_counted
    from held
    window history as (partition by payment_id, invoice_id order by state)
),

money as (
    select
        *,
        case
            when not is_counted then 'payment_reversed'
            when delta < 0 then 'payment_moved'
            when invoice_id is null then 'payment_on_account'
            else 'payment_applied'
        end as event,
        case when delta > 0 then 2 else 3 end as event_order,
        -- Only the first time it counts is dated by BILL; later changes by when they came, but
        -- never before the payment's own date: it cannot come back before it was there.
        case
            when is_counted and not ever_counted then payment_on
            else greatest(updated_on, payment_on)
        end as effective_on
    from moves
    where delta <> 0
),

notices as (
    select
        *,
        'payment_scheduled' as event,
        2 as event_order,
        updated_on as effective_on
    from versions
    where is_first and status = 'SCHEDULED'
    union all by name
    -- Failed: an online payment that was under way or paid, and came to nothing.
    select
        *,
        'payment_failed' as event,
        3 as event_order,
        updated_on as effective_on
    from versions
    where
        is_online
        and status in ('VOID', 'CANCELED')
        and (
            is_first
            or status_before = 'SCHEDULED'
            or (status_before in ('PAID', 'ESCHEATED') and status = 'VOID')
        )
)

select
    tenant,
    event,
    event_order,
    effective_on,
    observed_at,
    is_first,
    created_at,
    version,
    customer_id,
    invoice_id,
    payment_id,
    null::varchar as credit_memo_id,
    document,
    abs(delta)::decimal(19, 4) as amount,
    case when invoice_id is null then 0 else -delta end::decimal(19, 4) as gross,
    case when invoice_id is null then -delta else 0 end::decimal(19, 4) as unapplied,
    0::decimal(19, 4) as revenue,
    0::decimal(19, 4) as tax,
    case when invoice_id is null then 0 else delta end::decimal(19, 4) as cash,
    null::boolean as archives
from money
union all by name
select
    tenant,
    event,
    event_order,
    effective_on,
    observed_at,
    is_first,
    created_at,
    version,
    customer_id,
    null::varchar as invoice_id,
    payment_id,
    null::varchar as credit_memo_id,
    document,
    amount::decimal(19, 4) as amount,
    0::decimal(19, 4) as gross,
    0::decimal(19, 4) as unapplied,
    0::decimal(19, 4) as revenue,
    0::decimal(19, 4) as tax,
    0::decimal(19, 4) as cash,
    null::boolean as archives
from notices
