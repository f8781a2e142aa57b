-- One row a version of an invoice ever observed, typed. Drafts are no invoices yet.
create or replace table stg_invoice_versions as
with versions as (
    select
        record.*,
        from_json(record.payload, '{
            "archived": "VARCHAR",
            "recordStatus": "VARCHAR",
            "invoiceNumber": "VARCHAR",
            "invoiceDate": "VARCHAR",
            "dueDate": "VARCHAR",
            "customerId": "VARCHAR",
            "totalAmount": "VARCHAR",
            "dueAmount": "VARCHAR",
            "scheduledAmount": "VARCHAR",
            "creditAmount": "VARCHAR",
            "payments": [{"amount": "VARCHAR", "status": "VARCHAR"}],
            "paymentTermId": "VARCHAR",
            "salesTaxTotal": "VARCHAR",
            "salesTaxPercentage": "VARCHAR",
            "exchangeRate": "VARCHAR",
            "status": "VARCHAR",
            "createdTime": "VARCHAR"
        }') as sent
    from raw_records as record
    where record.resource = 'invoices'
),

typed as (
    select
        versions.tenant,
        versions.bill_id as invoice_id,
        versions.version,
        versions.observed_at,
        versions.record_updated_at as updated_at,
        timezone(tenant_facts.time_zone, coalesce(versions.record_updated_at, versions.observed_at))::date
            as updated_on,
        try_cast(sent.createdTime as timestamptz) as created_at,
        coalesce(nullif(trim(sent.invoiceNumber), ''), versions.bill_id) as invoice_number,
        sent.customerId as customer_id,
        try_cast(sent.invoiceDate as date) as invoice_date,
        try_cast(sent.dueDate as date) as due_date,
        coalesce(try_cast(sent.totalAmount as decimal(19, 4)), 0) as total_amount,
        coalesce(try_cast(sent.salesTaxTotal as decimal(19, 4)), 0) as tax_amount,
        try_cast(sent.salesTaxPercentage as decimal(18, 8)) as tax_rate,
        nullif(greatest(try_cast(sent.exchangeRate as decimal(18, 8)), 0), 0) as exchange_rate,
        try_cast(sent.dueAmount as decimal(19, 4)) as bill_due_amount,
        coalesce(try_cast(sent.scheduledAmount as decimal(19, 4)), 0) as bill_scheduled_amount,
        coalesce(try_cast(sent.creditAmount as decimal(19, 4)), 0) as bill_credit_amount,
        case
            when sent.payments is not null then coalesce(
                list_sum([
                    try_cast(part.amount as decimal(19, 4)) for part in sent.payments
                    if part.status in ('PAID', 'ESCHEATED')
                ]),
                0
            )
        end::decimal(19, 4) as bill_paid_amount,
        nullif(sent.paymentTermId, '') as payment_term_id,
        coalesce(sent.status, 'UNDEFINED') as bill_status,
        coalesce(try_cast(sent.archived as boolean), sent.recordStatus = 'INACTIVE', false)
            as is_archived,
        coalesce(sent.recordStatus, '') = 'DRAFT' as is_draft,
        tenant_facts.time_zone,
        tenant_facts.default_terms_days
    from versions
    cross join tenant_facts
)

select
    * exclude (invoice_date, due_date, is_draft, time_zone, default_terms_days),
    coalesce(invoice_date, timezone(time_zone, coalesce(created_at, observed_at))::date)
        as invoice_on,
    coalesce(due_date, invoice_on + default_terms_days::integer) as due_on,
    due_date is null as is_due_assumed,
    row_number() over (partition by invoice_id order by version) as step,
    row_number() over (partition by invoice_id order by version desc) = 1 as is_current
from typed
where not is_draft
