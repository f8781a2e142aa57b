-- One row where a record is in the book, else none.
select 1 from raw_heads where resource = $resource and bill_id = $bill_id
