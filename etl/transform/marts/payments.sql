-- One row a receivable payment, as BILL has it now.
create table snapshot.payments as
select
    payment.tenant,
    payment.payment_id,
    payment.customer_id,
    coalesce(customer.name, payment.customer_id, '') as customer,
    coalesce(customer.currency, tenant_facts.currency) as currency,
    payment.payment_on,
    payment.amount,
    payment.unapplied_amount,
    payment.payment_type,
    payment.status,
    payment.is_online,
    coalesce(payment.reference_number, '') as reference_number,
    payment.updated_at
from stg_payment_versions as payment
cross join tenant_facts
left join stg_customers as customer using (customer_id)
where payment.is_current
order by payment.customer_id, payment.payment_on
