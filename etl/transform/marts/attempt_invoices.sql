-- One row an attempt and invoice it was meant for, with its part: as last said by BILL, which may
-- drop the parts of a payment that came to nothing.
create table snapshot.attempt_invoices as
with newest as (
    select payment_id, allocations
    from stg_payment_versions
    where len(allocations) > 0
    qualify row_number() over (partition by payment_id order by version desc) = 1
),

parts as (
    select payment_id, unnest(allocations) as part from newest
)

select
    payment_id,
    part.invoiceId as invoice_id,
    sum(coalesce(try_cast(part.amount as decimal(19, 4)), 0))::decimal(19, 4) as amount
from parts
semi join (select payment_id from stg_payment_versions where is_current and is_online)
    using (payment_id)
where part.invoiceId is not null
group by payment_id, part.invoiceId
order by payment_id, part.invoiceId
