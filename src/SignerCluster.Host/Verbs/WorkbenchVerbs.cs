using System.CommandLine;

namespace SignerCluster.Host.Verbs;

/// <summary>
/// The verbs that the launcher hands to the workbench, a program for development that is no part of the signing executable. They stand here only so
/// that the help lists them, and so that whoever starts this program without the launcher is told where they are.
/// </summary>
public static class WorkbenchVerbs
{
    public const string Bench = "Measure signatures per second, latency and cost on this machine.";
    public const string Cluster = "A whole cluster of processes on this machine, with servers of its own.";
    public const string Certificates = "Make an authority and server certificates for development.";

    /// <summary>The verb as this program has it: it takes any words and refuses with <see cref="UsageException"/> <c>workbench_only</c>.</summary>
    /// <param name="words">All its words, of which the last is its name.</param>
    internal static Command Refuse(string words, string description)
    {
        Command verb = new(words.Split(' ')[^1], description) { TreatUnmatchedTokensAsErrors = false };
        verb.SetAction(int (ParseResult _) => throw new UsageException(
            "workbench_only", $"This program does not have the verb {words}. In a checkout of the repository run: ./signer {words}"));
        return verb;
    }
}
