"""The endpoints: read the request, call the service, write the answer."""
