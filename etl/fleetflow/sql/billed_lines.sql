-- One row a line of an invoice that is not archived and load number that it names, of those asked
-- for. loads: how many numbers the line names at all.
with named as (
    select
        line.invoice_id,
        line.place,
        line.amount,
        unnest(
            list_distinct(
                list_transform(
                    regexp_extract_all(line.description, $names_load, 1),
                    lambda found: rtrim(found, '.-/')
                )
            )
        ) as load_number
    from invoice_lines as line
),

counted as (
    select *, count(*) over (partition by invoice_id, place) as loads
    from named
)

select
    counted.load_number,
    counted.invoice_id,
    invoice.invoice_number,
    coalesce(invoice.customer_id, '') as customer_id,
    invoice.currency,
    counted.amount,
    counted.loads
from counted
semi join (select unnest($numbers::varchar[]) as load_number) using (load_number)
inner join invoices as invoice using (invoice_id)
where not invoice.is_archived
order by counted.load_number, invoice.invoice_on, counted.invoice_id, counted.place
