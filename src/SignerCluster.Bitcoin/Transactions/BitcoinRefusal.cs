namespace SignerCluster.Bitcoin.Transactions;

/// <summary>
/// Why an input from outside was not accepted: a stable snake_case code (one of <see cref="RefusalCodes"/>) and a sentence for people that
/// says where and what. Holds public data only.
/// </summary>
public sealed record BitcoinRefusal(string Code, string Message);

/// <summary>Every code that a <see cref="BitcoinRefusal"/> can carry. Codes are never renamed.</summary>
public static class RefusalCodes
{
    public const string TransactionTruncated = "transaction_truncated";
    public const string TransactionMalformed = "transaction_malformed";
    public const string TransactionTooLarge = "transaction_too_large";
    public const string TransactionTrailingBytes = "transaction_trailing_bytes";
    public const string TransactionAmountOutOfRange = "transaction_amount_out_of_range";

    public const string SighashPrevoutCount = "sighash_prevout_count";
    public const string SighashMissingPrevout = "sighash_missing_prevout";
    public const string SighashTypeInvalid = "sighash_type_invalid";
    public const string SighashInputOutOfRange = "sighash_input_out_of_range";
    public const string SighashSingleWithoutOutput = "sighash_single_without_output";
    public const string SighashAnnexInvalid = "sighash_annex_invalid";

    public const string AddressMalformed = "address_malformed";
    public const string AddressChecksum = "address_checksum";
    public const string AddressWrongChecksumVariant = "address_wrong_checksum_variant";
    public const string AddressUnknownNetwork = "address_unknown_network";
    public const string AddressInvalidProgram = "address_invalid_program";

    public const string ProofMalformed = "proof_malformed";
    public const string ProofInvalid = "proof_invalid";
    public const string ProofInconclusive = "proof_inconclusive";
    public const string ProofTextTooLong = "proof_text_too_long";
    public const string ProofTextNotUnicode = "proof_text_not_unicode";

    public const string PathHardened = "path_hardened";
    public const string PathMalformed = "path_malformed";
    public const string PathTooDeep = "path_too_deep";

    public const string PsbtNotAPsbt = "psbt_not_a_psbt";
    public const string PsbtTruncated = "psbt_truncated";
    public const string PsbtMalformed = "psbt_malformed";
    public const string PsbtTooLarge = "psbt_too_large";

    /// <summary>A payment has more inputs than this signer takes in one.</summary>
    public const string PsbtTooManyInputs = "psbt_too_many_inputs";
    public const string PsbtTooManySigOps = "psbt_too_many_signature_operations";
    public const string PsbtTrailingBytes = "psbt_trailing_bytes";
    public const string PsbtDuplicateKey = "psbt_duplicate_key";
    public const string PsbtMissingTransaction = "psbt_missing_transaction";
    public const string PsbtTransactionSigned = "psbt_transaction_signed";
    public const string PsbtVersionUnsupported = "psbt_version_unsupported";
    public const string PsbtUtxoMismatch = "psbt_utxo_mismatch";
    public const string PsbtMissingUtxo = "psbt_missing_utxo";
    public const string PsbtForeignKey = "psbt_foreign_key";
    public const string PsbtAlreadySigned = "psbt_already_signed";
    public const string PsbtKeyContradiction = "psbt_key_contradiction";
    public const string PsbtSighashTypeInvalid = "psbt_sighash_type_invalid";
    public const string PsbtNotSigned = "psbt_not_signed";
    public const string PsbtInvalidSignature = "psbt_invalid_signature";
    public const string PsbtNotFinal = "psbt_not_final";
    public const string PsbtMissingField = "psbt_missing_field";
    public const string PsbtLockTimeConflict = "psbt_lock_time_conflict";
    public const string PsbtNoInputs = "psbt_no_inputs";
    public const string PsbtNoOutputs = "psbt_no_outputs";
    public const string PsbtNullOutPoint = "psbt_null_outpoint";
    public const string PsbtDuplicateOutPoint = "psbt_duplicate_outpoint";
    public const string PsbtFeeNegative = "psbt_fee_negative";
    public const string PsbtFeeTooHigh = "psbt_fee_too_high";
    public const string PsbtFeeRateTooHigh = "psbt_fee_rate_too_high";

    public const string CovenantKindUnknown = "covenant_kind_unknown";
    public const string CovenantKeyInvalid = "covenant_key_invalid";
    public const string CovenantKeysEqual = "covenant_keys_equal";
    public const string CovenantCustodianMissing = "covenant_custodian_missing";
    public const string CovenantCustodianUnexpected = "covenant_custodian_unexpected";
    public const string CovenantHeightOutOfRange = "covenant_height_out_of_range";
    public const string CovenantBranchUnknown = "covenant_branch_unknown";
    public const string CovenantBranchWithoutSigner = "covenant_branch_without_signer";
    public const string CovenantNullOutPoint = "covenant_null_outpoint";
    public const string CovenantNoOutputs = "covenant_no_outputs";
    public const string CovenantTooManyOutputs = "covenant_too_many_outputs";
    public const string CovenantOutputScriptUnknown = "covenant_output_script_unknown";
    public const string CovenantOutputDust = "covenant_output_dust";
    public const string CovenantFeeTooLow = "covenant_fee_too_low";
    public const string CovenantLockTimeNotHeight = "covenant_lock_time_not_height";
    public const string CovenantLockTimeTooEarly = "covenant_lock_time_too_early";
    public const string CovenantSignatureMissing = "covenant_signature_missing";
    public const string CovenantSignatureUnexpected = "covenant_signature_unexpected";
    public const string CovenantSignatureInvalid = "covenant_signature_invalid";
    public const string CovenantTransactionDiffers = "covenant_transaction_differs";
    public const string CovenantWitnessMalformed = "covenant_witness_malformed";
}
