-- One row a recurring invoice as BILL had it when it was last read; archived, it is paused.
create table snapshot.recurring_invoices as
select
    version.tenant,
    version.recurring_invoice_id,
    version.customer_id,
    coalesce(customer.name, version.customer_id, '') as customer,
    coalesce(customer.currency, tenant_facts.currency) as currency,
    version.description,
    version.period,
    version.frequency,
    version.next_due_on,
    version.end_on,
    version.days_in_advance,
    version.amount,
    version.lines,
    version.is_archived,
    version.updated_on
from stg_recurring_invoice_versions as version
cross join tenant_facts
left join stg_customers as customer using (customer_id)
qualify row_number() over (partition by version.recurring_invoice_id order by version.step desc) = 1
order by version.recurring_invoice_id
