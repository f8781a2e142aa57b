-- One row a row of figures that has none, its cells in lists of the same length.
insert into exclusions by name
select
    unnest($reason::varchar[]) as reason,
    unnest($currency::varchar[]) as currency,
    unnest($month::varchar[]) as month,
    unnest($part::varchar[]) as part,
    unnest($customer_id::varchar[]) as customer_id,
    unnest($document::varchar[]) as document
