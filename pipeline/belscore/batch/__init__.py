"""Scoring thousands of recordings: files to jobs, jobs to workers, results into the store.

Only the process that runs the batch writes to the store; workers get a path and give back a result.
"""
