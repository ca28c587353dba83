"""Paths that are not read, and cost nothing by themselves: they keep what may be used later, or end what is at work.

What is used later is billed by the call that uses it. Not here is what sets anything to work, or is billed by the day or
the hour while it is kept (vector stores, containers). https://developers.openai.com/api/docs/pricing
"""

# Paths that are posted to, `{}` for one segment. What is read or deleted costs nothing anywhere.
FREE = (
    "/v1/agents/automations/{}/pause",
    "/v1/batches/{}/cancel",
    "/v1/chatkit/sessions/{}/cancel",
    "/v1/conversations",
    "/v1/conversations/{}",
    "/v1/conversations/{}/items",
    "/v1/evals/{}/runs/{}/cancel",
    "/v1/files",
    "/v1/fine_tuning/alpha/graders/validate",
    "/v1/fine_tuning/jobs/{}/cancel",
    "/v1/fine_tuning/jobs/{}/pause",
    "/v1/live/sessions/{}/hangup",
    "/v1/live/sessions/{}/reject",
    "/v1/realtime/calls/{}/hangup",
    "/v1/realtime/calls/{}/reject",
    "/v1/uploads",
    "/v1/uploads/{}/cancel",
    "/v1/uploads/{}/complete",
    "/v1/uploads/{}/parts",
    "/v1/vector_stores/{}/file_batches/{}/cancel",
)
