using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Wire;

/// <summary>
/// The one JSON form of events and messages. Strict: unknown, missing and repeated members are refused, so that two readers cannot
/// understand one text differently.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    AllowOutOfOrderMetadataProperties = false,
    Converters =
    [
        typeof(SnakeCaseConverter<AbortReason>),
        typeof(SnakeCaseConverter<AdvanceReason>),
        typeof(SnakeCaseConverter<RefusalClass>),
        typeof(SnakeCaseConverter<TweakMode>),
        typeof(SnakeCaseConverter<KeyPhase>), typeof(KeyIdConverter),
        typeof(SnakeCaseConverter<CovenantKind>), typeof(SnakeCaseConverter<CovenantBranch>), typeof(ArrayConverter<CovenantOutput>),
        typeof(ScriptConverter), typeof(Bytes64Converter), typeof(ApprovalConverter),
        typeof(Bytes32Converter), typeof(ScalarConverter), typeof(ByteStringConverter),
        typeof(GroupIdConverter), typeof(SessionIdConverter), typeof(AttemptIdConverter), typeof(PackageHashConverter),
        typeof(SeatIdConverter), typeof(SeatSetConverter), typeof(SeatCommitmentsConverter),
        typeof(TweakListsConverter), typeof(InputIndexConverter), typeof(DerivationPathConverter),
        typeof(BatchConverter<Bytes32, Bytes32, Bytes32Converter>), typeof(BatchConverter<Bytes64, Bytes64, Bytes64Converter>),
        typeof(BatchConverter<XOnlyPublicKey, Bytes32, XOnlyPublicKeyConverter>), typeof(BatchConverter<Share, Bytes32, ShareConverter>),
        typeof(BatchConverter<Commitment, Bytes66, CommitmentConverter>), typeof(BatchConverter<Approval, Bytes96, ApprovalConverter>),
        typeof(HashListConverter), typeof(ArrayConverter<LimiterWindow>), typeof(ArrayConverter<ulong>),
        typeof(ListConverter<GuardianRecord>), typeof(ListConverter<GuardianRecord.WithdrawalAccepted>),
        typeof(ListConverter<SeatRequest>), typeof(ListConverter<SeatAnswer>), typeof(EvidenceConverter),
    ])]
[JsonSerializable(typeof(Tweak))]
[JsonSerializable(typeof(SigningSessionEvent.SessionOpened))]
[JsonSerializable(typeof(SigningSessionEvent.AttemptJoined))]
[JsonSerializable(typeof(SigningSessionEvent.ShareProduced))]
[JsonSerializable(typeof(SigningSessionEvent.EquivocationSeen))]
[JsonSerializable(typeof(SigningSessionEvent.AttemptAggregated))]
[JsonSerializable(typeof(SigningSessionEvent.SessionAborted))]
[JsonSerializable(typeof(RoastEvent.SigningRequested))]
[JsonSerializable(typeof(RoastEvent.AttemptProposed))]
[JsonSerializable(typeof(RoastEvent.CommitmentReceived))]
[JsonSerializable(typeof(RoastEvent.PackageIssued))]
[JsonSerializable(typeof(RoastEvent.ShareAccepted))]
[JsonSerializable(typeof(RoastEvent.SeatConvicted))]
[JsonSerializable(typeof(RoastEvent.SeatWithdrew))]
[JsonSerializable(typeof(RoastEvent.SeatDeclined))]
[JsonSerializable(typeof(RoastEvent.SessionCompleted))]
[JsonSerializable(typeof(RoastEvent.SessionFailed))]
[JsonSerializable(typeof(KeyRingEvent.KeyAdded))]
[JsonSerializable(typeof(KeyRingEvent.KeyActivated))]
[JsonSerializable(typeof(KeyRingEvent.KeyRetired))]
[JsonSerializable(typeof(KeyRingEvent.KeysRewrapped))]
[JsonSerializable(typeof(KeyRingEvent.MessagesReserved))]
[JsonSerializable(typeof(GuardianEvent.Recorded), TypeInfoPropertyName = "GuardianRecorded")]
[JsonSerializable(typeof(GuardianEvent.Stopped), TypeInfoPropertyName = "GuardianStopped")]
[JsonSerializable(typeof(GuardianEvent.Resumed), TypeInfoPropertyName = "GuardianResumed")]
[JsonSerializable(typeof(GuardianCheckpoint))]
[JsonSerializable(typeof(GuardianRecord))]
[JsonSerializable(typeof(GuardianCommand))]
[JsonSerializable(typeof(GuardianAnswer))]
[JsonSerializable(typeof(WithdrawalResult))]
[JsonSerializable(typeof(SessionCertificate))]
[JsonSerializable(typeof(GuardianWord))]
[JsonSerializable(typeof(GuardianRules))]
[JsonSerializable(typeof(LimiterWindow))]
[JsonSerializable(typeof(ulong))]
[JsonSerializable(typeof(GuardianCommand.Show), TypeInfoPropertyName = "ShowGuardian")]
[JsonSerializable(typeof(GuardianCommand.Withdraw), TypeInfoPropertyName = "GuardianWithdraw")]
[JsonSerializable(typeof(GuardianAnswer.Granted), TypeInfoPropertyName = "GuardianGranted")]
[JsonSerializable(typeof(GuardianAnswer.Refused), TypeInfoPropertyName = "GuardianRefused")]
[JsonSerializable(typeof(GuardianAnswer.Failed), TypeInfoPropertyName = "GuardianFailed")]
[JsonSerializable(typeof(JobEvent.Accepted), TypeInfoPropertyName = "JobAccepted")]
[JsonSerializable(typeof(JobEvent.Signed), TypeInfoPropertyName = "JobSigned")]
[JsonSerializable(typeof(JobEvent.Failed), TypeInfoPropertyName = "JobFailed")]
[JsonSerializable(typeof(JobCommand))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(JobAnswer.Granted), TypeInfoPropertyName = "JobGranted")]
[JsonSerializable(typeof(JobAnswer.Refused), TypeInfoPropertyName = "JobRefused")]
[JsonSerializable(typeof(JobAnswer.Failed), TypeInfoPropertyName = "JobAnswerFailed")]
[JsonSerializable(typeof(JobReply.Failed), TypeInfoPropertyName = "JobHasFailed")]
[JsonSerializable(typeof(JobDecision))]
[JsonSerializable(typeof(JobDecisionEvent.Abandoned), TypeInfoPropertyName = "JobAbandoned")]
[JsonSerializable(typeof(JobDecisionCommand))]
[JsonSerializable(typeof(JobDecisionCommand.Look), TypeInfoPropertyName = "LookForDecision")]
[JsonSerializable(typeof(JobDecisionAnswer))]
[JsonSerializable(typeof(JobDecisionAnswer.Granted), TypeInfoPropertyName = "DecisionGranted")]
[JsonSerializable(typeof(JobDecisionAnswer.Refused), TypeInfoPropertyName = "DecisionRefused")]
[JsonSerializable(typeof(JobDecisionAnswer.Failed), TypeInfoPropertyName = "DecisionFailed")]
[JsonSerializable(typeof(AddressedRequest))]
[JsonSerializable(typeof(JobSubmission))]
[JsonSerializable(typeof(Approval))]
[JsonSerializable(typeof(CovenantOutput))]
[JsonSerializable(typeof(KeyRingCommand))]
[JsonSerializable(typeof(KeyRingAnswer))]
[JsonSerializable(typeof(IReadOnlyList<SeatRequest>))]
[JsonSerializable(typeof(IReadOnlyList<SeatAnswer>))]
[JsonSerializable(typeof(SeatRequest))]
[JsonSerializable(typeof(SeatAnswer))]
[JsonSerializable(typeof(CoordinatorCommand))]
[JsonSerializable(typeof(CoordinatorAnswer))]
[JsonSerializable(typeof(BlameCertificate))]
[JsonSerializable(typeof(SeatRequest.Abort), TypeInfoPropertyName = "SeatAbort")]
[JsonSerializable(typeof(SeatAnswer.Granted), TypeInfoPropertyName = "SeatGranted")]
[JsonSerializable(typeof(SeatAnswer.Refused), TypeInfoPropertyName = "SeatRefused")]
[JsonSerializable(typeof(SeatAnswer.Failed), TypeInfoPropertyName = "SeatFailed")]
[JsonSerializable(typeof(CoordinatorReply.Failed), TypeInfoPropertyName = "SessionHasFailed")]
[JsonSerializable(typeof(KeyRingCommand.Show), TypeInfoPropertyName = "ShowRing")]
[JsonSerializable(typeof(KeyRingAnswer.Granted), TypeInfoPropertyName = "RingGranted")]
[JsonSerializable(typeof(KeyRingAnswer.Refused), TypeInfoPropertyName = "RingRefused")]
[JsonSerializable(typeof(KeyRingAnswer.Failed), TypeInfoPropertyName = "RingFailed")]
public sealed partial class WireJson : JsonSerializerContext;
