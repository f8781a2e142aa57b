-- A row a paid payment whose applied and unapplied parts are not its amount.
with applied as (
    select
        payment_id,
        customer_id,
        reference_number,
        amount,
        unapplied_amount,
        coalesce(
            list_sum([coalesce(try_cast(part.amount as decimal(19, 4)), 0) for part in allocations]),
            0
        ) as applied_amount
    from stg_payment_versions
    where is_current and status in ('PAID', 'ESCHEATED')
)

select
    coalesce(reference_number, payment_id) as subject,
    'applied ' || applied_amount || ' and unapplied ' || unapplied_amount || ' do not add up to '
    || amount as finding,
    'customer/' || customer_id as record
from applied
where applied_amount + unapplied_amount <> amount
order by subject
