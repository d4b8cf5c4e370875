namespace SignerCluster.Journal.Documents;

/// <summary>A data directory, or a file in it, cannot be used. The message names the path and what to do.</summary>
public sealed class DataDirectoryException : Exception
{
    public DataDirectoryException()
    {
    }

    public DataDirectoryException(string message)
        : base(message)
    {
    }

    public DataDirectoryException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public DataDirectoryException(string code, string message, bool isTransient, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>
    /// Stable snake_case name: <c>data_in_use</c>, <c>data_missing</c>, <c>data_unwritable</c>, <c>key_file_exposed</c>, <c>file_invalid</c>; of trust between
    /// parties: <c>identity_missing</c>, <c>identity_invalid</c>, <c>roster_missing</c>, <c>roster_invalid</c>, <c>roster_mismatch</c>.</summary>
    public string Code { get; } = "data_unwritable";

    /// <summary>May the same call succeed later without an operator's help?</summary>
    public bool IsTransient { get; }
}
