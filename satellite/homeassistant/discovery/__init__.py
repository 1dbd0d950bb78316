"""What a discovery message says: long keys, checked fields, one announcement. It keeps no state.

``parse.parse`` is the entry point; the registry acts on its result.
"""
