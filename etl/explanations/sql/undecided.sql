-- One row an input with a column whose cell is empty, with the reason: it is moved out of it.
insert into exclusions by name
with undecided as (
    select
        unnest($cells::varchar[][]) as cell,
        unnest($columns::varchar[]) as "column",
        unnest($reasons::varchar[]) as reason
)

select
    undecided.reason,
    entered.happened_on,
    entered.document,
    entered.currency,
    entered.month,
    entered.part,
    entered.customer_id,
    entered.invoice_id,
    entered.payment_id,
    entered.credit_memo_id,
    entered.amount
from entered
inner join undecided
    on undecided.cell = entered.cell and list_contains(entered.columns, undecided."column")
