"""The member names that are the API's own. Any other name in a body is one that its sender chose, and so is text."""

import re

# Every member of the models and parameters in openai 3.54's types for the endpoints this version reads.
_API = """
    accepted_prediction_tokens access_programs acknowledged_safety_checks action actions after allowed_callers
    allowed_domains allowed_tools always anchor annotation annotation_index annotations approval_request_id
    approve approximate arguments async attributes audio audio_sample audio_tokens authorization avg_logprob
    b64_json background background_options best_of button bytes cache_missed_tokens cache_write_tokens
    cache_write_tokens_details cached_image_tokens cached_text_tokens cached_tokens cached_tokens_details call_id
    caller caller_id cancelled_at cancelling_at categories category_applied_input_types category_scores choices
    chunking_strategy city code command command_index commands compact_threshold comparison_response_id
    comparison_reusable_tokens completed completed_at completion_tokens completion_tokens_details
    completion_window complexity compression_ratio connector_id consent container container_id content
    content_index content_parts context context_compression context_management continuation_id conversation
    country created created_at created_by custom cyber data defer_loading definition deleted delta description
    detail detailed_explanation diff dimensions display_height display_width domain domain_secrets duration echo
    effort embedding embedding_weight encoding_format encrypted_content end end_index endpoint env environment
    error error_file_id error_type errors execution exit_code expired_at expires_at external_web_access failed
    failed_at file file_data file_id file_ids file_url filename filters finalizing_at fingerprint finish_reason
    first_id flagged format frame_count frame_duration_ms frequency_penalty function function_call functions
    generate generate_summary grammar harassment harassment/threatening has_more hate hate/threatening headers
    hybrid_search id illicit illicit/violent image image_gen image_tokens image_url in_progress_at include
    include_obfuscation include_usage incomplete_details index input input_audio input_fidelity input_file_id
    input_image_mask input_schema input_token_details input_tokens input_tokens_details input_transformations
    instructions item item_id json_schema key keys keywords known_speaker_names known_speaker_references language
    languages last_id limit logit_bias logprob logprobs logs markup mask max_completion_tokens max_num_results
    max_output_length max_output_tokens max_tokens max_tool_calls media_type memory_limit message messages
    metadata misalignment modalities mode model moderation moderation_details moderation_stage n name namespace
    network_policy never no_speech_prob num_requests obfuscation object operation order outcome output
    output_compression output_expires_after output_file_id output_format output_index output_schema output_tokens
    output_tokens_details outputs owned_by parallel_tool_calls param parameters parsed parsed_arguments part
    partial_image_b64 partial_image_index partial_images path pattern pending_safety_checks personality phase
    policy prediction prefix_padding_ms presence_penalty previous_response_id prewarm prompt
    prompt_cache_breakpoint prompt_cache_diagnostics prompt_cache_key prompt_cache_options prompt_cache_retention
    prompt_tokens prompt_tokens_details quality queries query ranker ranking_options read_only reason reasoning
    reasoning_effort reasoning_tokens recording refusal region rejected_prediction_tokens request_counts
    require_approval required_input response response_format result results review_target revised_prompt role
    safety_identifier schema score score_threshold script_hint scroll_x scroll_y search_content_types
    search_context_size seconds seed seek segment_id segments self-harm self-harm/instructions self-harm/intent
    sequence_number server_description server_label server_url service_tier sexual sexual/minors shutdown_date
    silence_duration_ms size skill_id skills source sources speaker speed start start_index starting_after status
    stderr stdout steer stop store stream stream_format stream_id stream_options strict style suffix summary
    summary_index svg svg_usage syntax system_fingerprint task temperature text text_offset text_tokens
    text_weight threshold timeout_ms timestamp_granularities timezone title token token_logprobs tokens
    tool_call_id tool_calls tool_choice tool_names tool_usage tools top_logprobs top_p total total_tokens
    transcript truncation ttl ttl_12h_tokens ttl_30m_tokens tunnel_id type url url_citation usage user
    user_location value variables vector_store_ids verbosity version violence violence/graphic voice web_search
    web_search_options word words working_directory x y
"""

# The vocabulary of JSON Schema, in which tools and answer formats are written.
_SCHEMA = """
    $anchor $comment $defs $id $ref $schema additionalItems additionalProperties allOf anyOf const contains
    contentEncoding contentMediaType default definitions dependencies dependentRequired dependentSchemas
    deprecated discriminator else enum example examples exclusiveMaximum exclusiveMinimum format if items
    mapping maxContains maxItems maxLength maxProperties maximum minContains minItems minLength minProperties
    minimum multipleOf not nullable oneOf pattern patternProperties prefixItems properties propertyName
    propertyNames readOnly required then title type unevaluatedItems unevaluatedProperties uniqueItems writeOnly
"""

NAMES = frozenset((*_API.split(), *_SCHEMA.split(), "code", "line", "reasoning_content"))

# No array here has more items than this has digits. A longer number is a name, and may be one of an account or a card.
_INDEX = re.compile(r"[0-9]{1,7}")


def public(pointer: str) -> str:
    """A JSON pointer fit for a log: parts that their sender chose are written `*`."""
    head, *parts = pointer.split("/")
    return "/".join((head, *(part if _INDEX.fullmatch(part) or unescape(part) in NAMES else "*" for part in parts)))


def escape(name: str) -> str:
    """A member's name as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1") if "/" in name or "~" in name else name


def unescape(part: str) -> str:
    """The member's name that a part of a JSON pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~")
