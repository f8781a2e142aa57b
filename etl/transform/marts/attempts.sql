-- One row an online payment: an attempt to collect through BILL.
-- final_on: the last day on which the bank may return it by rule, two banking days after its date;
-- bank holidays are not known. Cards answer at once.
-- entered: the code of its failure that a person gave.
create table snapshot.attempts as
select
    payment.tenant,
    payment.payment_id,
    payment.customer_id,
    coalesce(customer.currency, tenant_facts.currency) as currency,
    case
        when payment.payment_type = 'ACH' then 'ach'
        when payment.payment_type in ('CREDIT_CARD', 'VIRTUAL_CARD') then 'card'
        else 'other'
    end as rail,
    payment.amount,
    payment.payment_on as attempted_on,
    payment.created_at,
    payment.payment_on + case
        when payment.payment_type <> 'ACH' then 0
        when isodow(payment.payment_on) in (4, 5) then 4
        when isodow(payment.payment_on) = 6 then 3
        else 2
    end as final_on,
    concat_ws(' ', payment.description, payment.reference_number) as said,
    nullif(reason.code, 'unknown') as entered
from stg_payment_versions as payment
cross join tenant_facts
left join stg_customers as customer using (customer_id)
left join recorded_reasons as reason using (payment_id)
where payment.is_current and payment.is_online
order by payment.payment_on, payment.payment_id
