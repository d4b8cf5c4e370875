namespace SignerCluster.Frost;

/// <summary>What kind of message made a session fail (BIP-445 <c>InvalidContributionError</c>).</summary>
public enum Contribution
{
    /// <summary>A signer's public nonce (<c>pubnonce</c>).</summary>
    Commitment,

    /// <summary>The aggregate of all public nonces (<c>aggnonce</c>).</summary>
    AggregateNonce,

    /// <summary>The aggregate of all other signers' public nonces (<c>aggothernonce</c>), as deterministic signing takes it.</summary>
    OthersAggregateNonce,

    /// <summary>A signer's partial signature (<c>psig</c>).</summary>
    Share,
}

/// <summary>
/// Why an input was refused. <see cref="Code"/> is one of <see cref="FrostCode"/> and stable; <see cref="Message"/> is for people.
/// <see cref="BlamedIndex"/> is the position in the caller's list, <see cref="BlamedSeat"/> the seat at that position where it is known,
/// and <see cref="Contribution"/> what that seat sent. No part of it is ever secret.
/// </summary>
public sealed record FrostRefusal(
    string Code,
    string Message,
    int? BlamedIndex = null,
    SeatId? BlamedSeat = null,
    Contribution? Contribution = null)
{
    public override string ToString() => BlamedIndex is { } index ? $"{Code} at index {index}: {Message}" : $"{Code}: {Message}";
}

/// <summary>The stable codes of every refusal in this library.</summary>
public static class FrostCode
{
    public const string ThresholdOutOfRange = "threshold_out_of_range";
    public const string TooManyParticipants = "too_many_participants";
    public const string InvalidGroupKey = "invalid_group_key";
    public const string GroupKeyInfinite = "group_key_infinite";
    public const string InvalidPublicShare = "invalid_public_share";
    public const string PublicShareCountMismatch = "public_share_count_mismatch";
    public const string PublicSharesTooFew = "public_shares_too_few";
    public const string PublicSharesInconsistent = "public_shares_inconsistent";
    public const string PublicSharesMismatch = "public_shares_mismatch";
    public const string SignerCountOutOfRange = "signer_count_out_of_range";
    public const string SeatOutOfRange = "seat_out_of_range";
    public const string DuplicateSeat = "duplicate_seat";
    public const string SignerNotInSet = "signer_not_in_set";
    public const string OwnPublicShareMismatch = "own_public_share_mismatch";
    public const string InvalidCommitment = "invalid_commitment";
    public const string CommitmentCountMismatch = "commitment_count_mismatch";
    public const string InvalidAggregateNonce = "invalid_aggregate_nonce";
    public const string InvalidOthersAggregateNonce = "invalid_others_aggregate_nonce";
    public const string TweakedKeyOfAnotherGroup = "tweaked_key_of_another_group";
    public const string TweakLength = "tweak_length";
    public const string TweakOutOfRange = "tweak_out_of_range";
    public const string TweakCountMismatch = "tweak_count_mismatch";
    public const string TweakedKeyInfinite = "tweaked_key_infinite";
    public const string FirstNonceOutOfRange = "first_secret_nonce_out_of_range";
    public const string SecondNonceOutOfRange = "second_secret_nonce_out_of_range";
    public const string SecretShareOutOfRange = "secret_share_out_of_range";
    public const string ShareOutOfRange = "share_out_of_range";
    public const string ShareCountMismatch = "share_count_mismatch";
    public const string CoefficientCommitmentCountMismatch = "coefficient_commitment_count_mismatch";
    public const string InvalidCoefficientCommitment = "invalid_coefficient_commitment";
    public const string DealtPublicShareMismatch = "dealt_public_share_mismatch";
    public const string DealtShareMismatch = "dealt_share_mismatch";
}
