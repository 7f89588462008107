"""Every error code that Katapult documents, by HTTP status: 93 codes, each with one status (Core API v1, OpenAPI)."""

from typing import Final

DOCUMENTED_ERROR_CODES: Final[dict[int, tuple[str, ...]]] = {
    status: tuple(codes.split())
    for status, codes in {
        400: """identity_not_linked_to_web_session invalid_spec_xml invalid_timestamp missing_api_token
            policy_not_available_for_managed_organizations prices_not_available_for_managed_organizations""",
        403: """flexible_resources_unavailable_to_organization invalid_api_token invalid_capabilities_token
            object_storage_account_not_provisioned object_storage_account_suspended
            object_storage_bucket_deletion_error organization_not_activated organization_suspended permission_denied
            resource_creation_restricted scope_not_granted unauthorized_network_for_api_token""",
        404: """address_list_entry_not_found address_list_not_found api_token_not_found build_not_found
            certificate_not_found country_not_found country_state_not_found currency_not_found data_center_not_found
            disk_backup_policy_not_found disk_io_profile_not_found disk_not_found disk_template_not_found
            disk_template_version_not_found dns_record_not_found dns_zone_not_found file_storage_volume_not_found
            gpu_type_not_found interface_not_found ip_address_not_found load_balancer_not_found
            load_balancer_rule_not_found network_not_found network_speed_profile_not_found
            no_user_associated_with_identity no_virtual_machine_for_api_token object_not_found
            object_storage_access_key_not_found object_storage_account_not_found object_storage_bucket_not_found
            object_storage_cluster_not_found operating_system_not_found organization_not_found package_not_found
            security_group_not_found security_group_rule_not_found ssh_key_not_found tag_not_found task_not_found
            trash_object_not_found virtual_machine_group_not_found virtual_machine_network_interface_not_found
            virtual_machine_not_found virtual_network_not_found zone_not_found""",
        406: "object_in_trash task_queueing_error virtual_machine_must_be_started",
        409: """continuous_management_disabled deletion_restricted deletion_steps_not_satisfied
            managed_organization_required resource_does_not_support_unallocation""",
        422: """dns_zone_not_verified invalid_ip ip_already_allocated location_required no_allocation
            no_interface_available object_storage_provisioning_error one_system_disk_required
            organization_limit_reached speed_profile_already_assigned unable_to_assign unable_to_unassign
            unassigned_disk validation_error virtual_machine_network_interface_already_attached
            virtual_machine_network_interface_already_detached""",
        429: "rate_limit_reached",
        500: "deletion_failed multiple_object_storage_buckets_found",
        503: "no_available_addresses service_unavailable",
        504: "network_error",
    }.items()
}
