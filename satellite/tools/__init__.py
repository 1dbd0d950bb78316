"""The functions that the model may call, and the execution of its calls.

``catalog`` lists the functions, ``call_handler`` handles the calls. ``names`` finds the devices
that are meant, ``capabilities`` plans what to do with them, ``policy`` and ``confirmation`` decide
whether it may be done, and ``execution`` does it and reports the outcome.
"""
