-- One row a customer and how to reach them, by name. total: of how many.
select
    customer_id,
    name as customer,
    contact,
    coalesce(email, '') as email,
    coalesce(phone, '') as phone,
    address,
    coalesce(account_number, '') as account_number,
    payment_term,
    case when is_archived then 'archived' else 'active' end as state,
    count(*) over () as total
from customers
where
    ($customer::varchar is null or customer_id = $customer)
    and (
        $search::varchar is null
        or contains(
            lower(concat_ws(' ', name, contact, email, phone, account_number)), lower($search)
        )
    )
order by name, customer_id
limit $limit::bigint
