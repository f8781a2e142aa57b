-- One row a cell and column that is empty: taken out of the columns of the inputs of that cell.
with undecided as (
    select unnest($cells::varchar[][]) as cell, unnest($columns::varchar[]) as "column"
),

by_cell as (
    select cell, list("column") as columns from undecided group by cell
)

update entered
set columns = list_filter(entered.columns, lambda name: not list_contains(by_cell.columns, name))
from by_cell
where by_cell.cell = entered.cell
