-- entered: one row an input with the cell (the keys of the row of figures) it enters, its columns
-- narrowed to those asked for, its document and its customer by name.
create temp table entered as
with wanted_cells as (
    select distinct unnest($cells::varchar[][]) as cell
),

placed as (
    select
        *,
        list_transform(
            $keys::varchar[],
            lambda key: coalesce(
                case key
                    when 'currency' then currency
                    when 'month' then month
                    when 'part' then part
                    when 'customer_id' then customer_id
                    when 'invoice_id' then invoice_id
                    when 'payment_id' then payment_id
                end,
                ''
            )
        ) as cell
    from inputs
)

select
    placed.* exclude (columns, document),
    case
        when $wanted::varchar[] is null then placed.columns
        else list_filter(placed.columns, lambda name: list_contains($wanted::varchar[], name))
    end as columns,
    coalesce(placed.document, invoice.invoice_number, placed.payment_id, placed.credit_memo_id, '')
        as document,
    coalesce(customer.name, placed.customer_id, '') as customer
from placed
semi join wanted_cells using (cell)
left join invoices as invoice on invoice.invoice_id = placed.invoice_id
left join customers as customer on customer.customer_id = placed.customer_id
where $wanted::varchar[] is null or list_has_any(placed.columns, $wanted::varchar[])
