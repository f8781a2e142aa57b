-- Takes from fresh what says the same as before in another order.
delete from fresh
where list_contains($same::varchar[], bill_id)
