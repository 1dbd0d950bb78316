"""Runs a folder of discovery messages with expectations through the code of the daemon.

The folder holds ``discovery.jsonl``, ``expectations.jsonl``, ``templates.jsonl``,
``template_semantics.jsonl`` and ``lifecycle.jsonl``; what stands in them was recorded from Home
Assistant. ``python -m tests.corpus_check DIR`` says how many expectations hold.
"""
