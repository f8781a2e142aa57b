-- One row a resource: how many records BILL gave us, and how many are in the book.
with given as (
    select resource, count(*) as records
    from raw_heads
    where resource in ('customers', 'invoices', 'receivable_payments', 'credit_memos')
    group by resource
),

drafts as (
    -- A draft is no invoice yet; one that became an invoice is in the book.
    select count(*) as records
    from raw_heads
    where
        resource = 'invoices'
        and bill_id not in (select invoice_id from stg_invoices)
        and bill_id in (
            select bill_id
            from raw_records
            where resource = 'invoices' and payload ->> 'recordStatus' = 'DRAFT'
        )
),

held as (
    select 'customers' as resource, count(*) as records from stg_customers
    union all
    select 'invoices' as resource, count(*) + (select records from drafts) as records
    from stg_invoices
    union all
    select 'receivable_payments' as resource, count(*) as records
    from stg_payment_versions
    where is_current
    union all
    select 'credit_memos' as resource, count(*) as records
    from stg_credit_memo_versions
    where is_current
)

select
    replace(held.resource, '_', ' ') as what,
    '' as currency,
    coalesce(given.records, 0)::decimal(38, 4) as bills,
    held.records::decimal(38, 4) as ours
from held
left join given using (resource)
order by what
