-- One row an input that Python worked out, its cells in lists of the same length.
insert into inputs by name
select
    unnest($what::varchar[]) as what,
    unnest($happened_on::date[]) as happened_on,
    unnest($document::varchar[]) as document,
    unnest($currency::varchar[]) as currency,
    unnest($month::varchar[]) as month,
    unnest($part::varchar[]) as part,
    unnest($customer_id::varchar[]) as customer_id,
    unnest($invoice_id::varchar[]) as invoice_id,
    unnest($payment_id::varchar[]) as payment_id,
    unnest($columns::varchar[][]) as columns,
    unnest($amount::decimal(19, 4)[]) as amount,
    unnest($days::bigint[]) as days
