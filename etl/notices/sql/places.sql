-- One row a customer whose billing address names its country.
select
    customer_id,
    country,
    state_or_province
from customers
where list_contains($ids::varchar[], customer_id) and country <> ''
