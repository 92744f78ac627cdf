"""Reports over many calls: each a pure function from tables of the store to a `model.Report`."""
