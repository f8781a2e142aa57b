-- One row a customer: its current version, typed.
create or replace table stg_customers as
with current_versions as (
    select
        record.*,
        from_json(record.payload, '{
            "archived": "VARCHAR",
            "name": "VARCHAR",
            "companyName": "VARCHAR",
            "email": "VARCHAR",
            "phone": "VARCHAR",
            "invoiceCurrency": "VARCHAR",
            "accountNumber": "VARCHAR",
            "paymentTermId": "VARCHAR",
            "balance": {"amount": "VARCHAR"},
            "createdTime": "VARCHAR"
        }') as sent
    from raw_records as record
    semi join raw_heads as head
        on
            head.resource = record.resource
            and head.bill_id = record.bill_id
            and head.version = record.version
    where record.resource = 'customers'
)

select
    current_versions.tenant,
    current_versions.bill_id as customer_id,
    coalesce(nullif(trim(sent.name), ''), nullif(trim(sent.companyName), ''), bill_id) as name,
    sent.email,
    sent.phone,
    sent.accountNumber as account_number,
    nullif(sent.paymentTermId, '') as payment_term_id,
    try_cast(sent.balance.amount as decimal(19, 4)) as bill_balance,
    current_versions.observed_at,
    coalesce(nullif(upper(trim(sent.invoiceCurrency)), ''), tenant_facts.currency) as currency,
    coalesce(try_cast(sent.archived as boolean), false) as is_archived,
    try_cast(sent.createdTime as timestamptz) as created_at,
    current_versions.record_updated_at as updated_at
from current_versions
cross join tenant_facts
