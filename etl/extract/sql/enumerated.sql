-- Appends one row: what a read of all records listed, beside what is held.
insert into enumerations
with listed as (
    select
        bill_id,
        arg_max(customer_id, listed_at) as customer_id,
        arg_max(amounts, listed_at) as amounts
    from enumerating
    where resource = $resource
    group by bill_id
),

not_listed as (
    select head.bill_id
    from raw_heads as head
    anti join listed using (bill_id)
    where head.resource = $resource
),

-- Customers alone say in which currency they are billed.
currencies as (
    select
        record.bill_id as customer_id,
        upper(nullif(trim(record.payload ->> '$.invoiceCurrency'), '')) as currency
    from raw_records as record
    semi join raw_heads as head using (resource, bill_id, version)
    where record.resource = 'customers'
),

by_customer as (
    select
        listed.customer_id,
        field.name as field,
        sum(listed.amounts[field.place]) as amount
    from listed
    cross join (
        select
            unnest($fields::varchar []) as name,
            generate_subscripts($fields::varchar [], 1) as place
    ) as field
    group by listed.customer_id, field.name
),

by_currency as (
    select
        by_customer.field,
        currencies.currency,
        coalesce(sum(by_customer.amount), 0)::decimal(38, 4) as amount
    from by_customer
    left join currencies using (customer_id)
    group by by_customer.field, currencies.currency
)

select
    $tenant as tenant,
    $resource as resource,
    $run_id as run_id,
    $finished_at as finished_at,
    (select count(*) from listed) as listed,
    (select count(*) from raw_heads where resource = $resource) as held,
    (select count(*) from not_listed) as not_listed,
    coalesce((
        select list(bill_id order by bill_id)
        from (select bill_id from not_listed order by bill_id limit $kept) as first_ones
    ), []) as missing,
    coalesce((
        select list({'field': field, 'currency': currency, 'amount': amount} order by field, currency)
        from by_currency
    ), []) as sums
returning listed, held, not_listed, missing
