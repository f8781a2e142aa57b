-- One row where any record lacks a field that figures need, else none.
select 1 from broken_fields limit 1
