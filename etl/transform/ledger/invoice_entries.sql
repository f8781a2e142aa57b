-- One row a dated event of an invoice, from the change between two of its versions.
-- gross: what the event adds to the invoice's balance while it is not archived.
-- revenue: what it adds to invoiced revenue, tax excluded; tax: to sales tax invoiced.
-- tax_shift: by how much the invoice's own tax changed, also while it is archived.
create or replace table invoice_entries as
with changes as (
    select
        version.*,
        step = 1 as is_first,
        lag(total_amount) over history as total_before,
        lag(tax_amount) over history as tax_before,
        coalesce(lag(is_archived) over history, false) as was_archived
    from stg_invoice_versions as version
    window history as (partition by invoice_id order by version)
),

issued as (
    select
        *,
        'invoice_issued' as event,
        0 as event_order,
        invoice_on as effective_on,
        total_amount as amount,
        total_amount as gross,
        total_amount - tax_amount as revenue,
        tax_amount as tax,
        null::boolean as archives
    from changes
    where is_first
),

adjusted as (
    select
        *,
        'invoice_adjusted' as event,
        1 as event_order,
        greatest(updated_on, invoice_on) as effective_on,
        total_amount - total_before as amount,
        total_amount - total_before as gross,
        case
            when was_archived then 0
            else (total_amount - tax_amount) - (total_before - tax_before)
        end as revenue,
        case when was_archived then 0 else tax_amount - tax_before end as tax,
        tax_amount - tax_before as tax_shift,
        null::boolean as archives
    from changes
    where not is_first and (total_amount <> total_before or tax_amount <> tax_before)
),

archived as (
    select
        *,
        case when is_archived then 'invoice_archived' else 'invoice_restored' end as event,
        4 as event_order,
        greatest(updated_on, invoice_on) as effective_on,
        total_amount as amount,
        0 as gross,
        (total_amount - tax_amount) * case when is_archived then -1 else 1 end as revenue,
        tax_amount * case when is_archived then -1 else 1 end as tax,
        is_archived as archives
    from changes
    where is_archived <> was_archived
),

entries as (
    from issued
    union all by name
    from adjusted
    union all by name
    from archived
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
    null::varchar as payment_id,
    null::varchar as credit_memo_id,
    invoice_number as document,
    amount::decimal(19, 4) as amount,
    gross::decimal(19, 4) as gross,
    0::decimal(19, 4) as unapplied,
    revenue::decimal(19, 4) as revenue,
    tax::decimal(19, 4) as tax,
    coalesce(tax_shift, 0)::decimal(19, 4) as tax_shift,
    0::decimal(19, 4) as cash,
    archives
from entries
